"""What a call in the code can say, read from its source: a template for each way through its texts, {} for places."""

import ast


def assigned(function: ast.FunctionDef, before: int) -> dict[str, ast.expr]:
    """Local name -> what it was given last before that line."""
    found: dict[str, ast.expr] = {}
    given = [it for it in ast.walk(function) if isinstance(it, ast.Assign) and it.lineno <= before]
    for node in sorted(given, key=lambda it: it.lineno):
        if isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
    return found


def templates(value: ast.expr, known: dict[str, ast.expr]) -> list[str]:
    """What an expression can say; names of texts of the same function are looked up, the rest is a place."""
    match value:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.JoinedStr(values=parts):
            found = [""]
            for part in parts:
                more = templates(part.value if isinstance(part, ast.FormattedValue) else part, known)
                found = [before + after for before in found for after in more]
            return found
        case ast.IfExp(body=one, orelse=other):
            return [*templates(one, known), *templates(other, known)]
        case ast.Name(id=name) if name in known and is_text(known[name]):
            rest = {key: given for key, given in known.items() if key != name}
            return templates(known[name], rest)
    return ["{}"]


def is_text(value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.IfExp(body=one, orelse=other):
            return is_text(one) and is_text(other)
    return False
