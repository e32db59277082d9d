"""What an alarm's expression comes to, period by period: arithmetic, comparisons and some functions of metric math.

CloudWatch's guide, "Using math expressions with CloudWatch metrics". What is not worked out here is refused when the
alarm is put, since one that never changes its state would say that all is well.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.errors import NotEmulated

type Series = list[float | None]
"""A value for each period, the latest first; None where there is none."""
type Value = float | Series | list[Series] | str


class Unknown(ValueError):
    """An expression, or a part of one, that is not worked out here."""


_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_COMPARED: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}
_OVER_SEVERAL: dict[str, Callable[[list[float]], float]] = {
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
    "MIN": min,
    "MAX": max,
}
_OF_EACH: dict[str, Callable[[float], float]] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}
_LONGEST = 1024


def worked_out(queries: Mapping[str, str | Series], wanted: str) -> Series:
    """The series that the query `wanted` comes to. `queries`: id -> an expression, or the series of a metric.

    Unknown for what is not worked out here, or comes to no single series.
    """
    found = _Reading(queries).of(wanted, ())
    if not isinstance(found, list) or any(isinstance(one, list) for one in found):
        raise Unknown(f"{queries[wanted]} comes to no single series")
    return [one for one in found if not isinstance(one, list)]


class _Reading:
    def __init__(self, queries: Mapping[str, str | Series]) -> None:
        self.queries = queries

    def of(self, name: str, asked: tuple[str, ...]) -> Value:
        if name in asked:
            raise Unknown(f"{name} goes by itself")
        given = self.queries.get(name)
        if given is None:
            raise Unknown(f"there is no {name}")
        if not isinstance(given, str):
            return given
        text = given.strip().replace("&&", " and ").replace("||", " or ").replace("^", "**")
        if len(text) > _LONGEST or re.search(r"\bSEARCH\b|\bSELECT\b", text):
            raise Unknown(given)
        try:
            return self.value(ast.parse(text, mode="eval").body, (*asked, name))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as wrong:
            raise wrong if isinstance(wrong, Unknown) else Unknown(given) from wrong

    def value(self, node: ast.expr, asked: tuple[str, ...]) -> Value:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Constant(value=str() as text):
                return text
            case ast.Name(id="TRUE" | "FALSE" as word):
                return float(word == "TRUE")
            case ast.Name(id=name):
                return self.of(name, asked)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return _each(operator.neg, self.value(inner, asked))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return _both(_BINARY[type(op)], self.value(left, asked), self.value(right, asked))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARED:
                return _both(_COMPARED[type(op)], self.value(left, asked), self.value(right, asked))
            case ast.BoolOp(op=op, values=[first, *more]):
                found = self.value(first, asked)
                for one in more:
                    found = _both(_and if isinstance(op, ast.And) else _or, found, self.value(one, asked))
                return found
            case ast.List(elts=parts):
                return [_series(self.value(one, asked)) for one in parts]
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self.called(name, [self.value(one, asked) for one in args])
        raise Unknown(ast.unparse(node))

    def called(self, name: str, given: list[Value]) -> Value:
        match name, given:
            case "METRICS", []:
                return [one for one in self.queries.values() if not isinstance(one, str)]
            case "METRICS", [str() as part]:
                return [one for key, one in self.queries.items() if not isinstance(one, str) and part in key]
            case (("SUM" | "AVG" | "MIN" | "MAX"), [list() as several]):
                return _over(_OVER_SEVERAL[name], several)
            case (("ABS" | "CEIL" | "FLOOR"), [one]):
                return _each(_OF_EACH[name], one)
            case "FILL", [list() as missing, float() as number]:
                return _filled(missing, number)
            case "IF", [condition, so, otherwise]:
                chosen = _both(lambda on, value: value if on else math.nan, condition, so)
                other = _both(lambda on, value: math.nan if on else value, condition, otherwise)
                return _both(lambda one, two: two if math.isnan(one) else one, chosen, other)
        raise Unknown(f"{name}()")


def _and(one: float, two: float) -> float:
    return float(bool(one) and bool(two))


def _or(one: float, two: float) -> float:
    return float(bool(one) or bool(two))


def _series(value: Value) -> Series:
    if not isinstance(value, list):
        raise Unknown("a list of what is no series")
    found: Series = []
    for one in value:
        if isinstance(one, list):
            raise Unknown("a list of lists")
        found.append(one)
    return found


def _each(act: Callable[[float], float], value: Value) -> Value:
    if isinstance(value, str):
        raise Unknown(value)
    if isinstance(value, float):
        return float(act(value))
    several = _several(value)
    if several is not None:
        return [_mapped(act, one) for one in several]
    return _mapped(act, _series(value))


def _mapped(act: Callable[[float], float], series: Series) -> Series:
    return [None if one is None else float(act(one)) for one in series]


def _several(value: Value) -> list[Series] | None:
    """An array of series, None where it is one."""
    if not isinstance(value, list) or not value or not isinstance(value[0], list):
        return None
    return [one for one in value if isinstance(one, list)]


def _both(act: Callable[[float, float], float], one: Value, two: Value) -> Value:
    """A period in which either has no value has none; so has one that is divided by zero."""
    if isinstance(one, float) and isinstance(two, float):
        found = _done(act, one, two)
        if found is None:
            raise Unknown("a number that is none")
        return found
    left = _as_long(one, two)
    right = _as_long(two, one)
    return [_done(act, a, b) for a, b in zip(left, right, strict=False)]


def _as_long(value: Value, other: Value) -> Series:
    """A number as a series as long as the other one."""
    return [value] * len(_series(other)) if isinstance(value, float) else _series(value)


def _done(act: Callable[[float, float], float], one: float | None, two: float | None) -> float | None:
    if one is None or two is None:
        return None
    try:
        found = act(one, two)
    except (ArithmeticError, ValueError):
        return None
    return float(found) if isinstance(found, int | float) else None


def _over(act: Callable[[list[float]], float], value: Value) -> Series:
    several = _several(value)
    if several is None:
        raise Unknown("a sum over time")
    rows = [[it for it in row if it is not None] for row in zip(*several, strict=False)]
    return [float(act(row)) if row else None for row in rows]


def _filled(value: Value, number: float) -> Value:
    def fill(series: Series) -> Series:
        return [number if one is None else one for one in series]

    several = _several(value)
    return fill(_series(value)) if several is None else [fill(one) for one in several]


def refuse(service: str, operation: str, params: Mapping[str, Any], _: Caller) -> None:
    """NotEmulated for an alarm whose expression is not worked out here, or that goes by what is usual."""
    if (service, operation) != ("cloudwatch", "PutMetricAlarm"):
        return
    if params.get("ThresholdMetricId"):
        raise NotEmulated(service, f"{operation} by anomaly detection")
    queries = params.get("Metrics") or []
    tried: dict[str, str | Series] = {
        str(one.get("Id")): str(one["Expression"]) if one.get("Expression") else [1.0, None] for one in queries
    }
    for one in queries:
        if one.get("Expression") and one.get("ReturnData", True):
            try:
                worked_out(tried, str(one.get("Id")))
            except Unknown as unknown:
                raise NotEmulated(
                    service, f"{operation} of the expression {one['Expression']} ({unknown})"
                ) from unknown
