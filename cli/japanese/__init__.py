"""What the command itself says in Japanese, beside what the product says (core/japanese).

Places in braces are those of the English sentence.
"""

from cli.japanese.help import HELP
from cli.japanese.parser import PANELS, PARSER, USAGE
from cli.japanese.rehearsal import REHEARSAL

__all__ = ["HELP", "PANELS", "PARSER", "REHEARSAL", "USAGE"]
