"""What the product says in Japanese: the remedy of each code, and each sentence by its English one.

A file for each room whose sentences it has. docs/ja/codes.md has the same remedies, and a test that it has. Places in
braces are those of the English sentence.
"""

from onramp.core.japanese import command, desired, doctor, handing_over, network, plan, reach, trace
from onramp.core.japanese.codes import REMEDIES
from onramp.core.japanese.labels import LABELS
from onramp.core.japanese.words import WORDS

__all__ = ["LABELS", "REMEDIES", "SENTENCES", "WORDS"]

SENTENCES = {
    **desired.SENTENCES,
    **plan.SENTENCES,
    **handing_over.SENTENCES,
    **reach.SENTENCES,
    **network.SENTENCES,
    **trace.SENTENCES,
    **doctor.SENTENCES,
    **command.SENTENCES,
}
"""English sentence -> the same in Japanese. No sentence of AWS's is here: those stay in its own words."""
