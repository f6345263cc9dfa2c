"""The changes that are tried: those of mutmut and cosmic-ray, each inside one line of a function of a module."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Mutant", "by_text", "mutants"]

ROOT = Path(__file__).resolve().parents[2]

COMPARE = {
    ast.Lt: ("<", "<=", ">"),
    ast.LtE: ("<=", "<", ">"),
    ast.Gt: (">", ">=", "<"),
    ast.GtE: (">=", ">", "<"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
BINARY = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "//"),
    ast.Pow: ("**", "*"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.BitXor: ("^", "|"),
    ast.MatMult: ("@", "*"),
}
SWAPPED = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "floor": "ceil", "ceil": "floor",
           "any": "all", "all": "any", "sin": "cos", "cos": "sin", "sum": "mean"}  # fmt: skip


@dataclass(frozen=True, order=True)
class Mutant:
    """One change of one line of a module."""

    path: str
    line: int
    begin: int
    end: int
    new: str
    kind: str
    last: int  # the last line of its statement (of its head, where it has a body)
    first: int

    def of(self, text: str) -> tuple[str, str]:
        """The line as it stands, and as it becomes."""
        old = text.splitlines()[self.line - 1].encode()
        return old.decode(), (old[: self.begin] + self.new.encode() + old[self.end :]).decode()

    def applied(self, text: str) -> str:
        """The module with the change."""
        lines = text.splitlines(keepends=True)
        old, new = self.of(text)
        lines[self.line - 1] = lines[self.line - 1].replace(old, new)
        return "".join(lines)


def mutants(path: str, text: str | None = None) -> list[Mutant]:
    """Every change inside a function of a module; what is said of an error is no part of it."""
    text = (ROOT / path).read_text(encoding="utf-8") if text is None else text
    lines = text.splitlines()
    found: set[Mutant] = set()
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("__"):
            for statement in function.body:
                for each in ast.walk(statement):
                    if isinstance(each, ast.stmt) and not isinstance(each, (ast.Raise, ast.FunctionDef)):
                        found.update(_of_statement(path, lines, each))
    kept: dict[tuple[str, ...], Mutant] = {}
    for mutant in sorted(found):
        kept.setdefault((str(mutant.line), *mutant.of(text)), mutant)
    return list(kept.values())


def by_text(path: str, old: str, new: str, which: int, text: str) -> Mutant:
    """The change of a line that is named by what stands there, and which of those lines it is."""
    lines = text.splitlines()
    at = [k for k, line in enumerate(lines, 1) if line.strip() == old][which - 1]
    begin = len(lines[at - 1]) - len(lines[at - 1].lstrip())
    return Mutant(path, at, begin, begin + len(old.encode()), new, "named", at, at)


def _of_statement(path: str, lines: list[str], statement: ast.stmt) -> Iterator[Mutant]:
    body = getattr(statement, "body", None)
    first, last = statement.lineno, body[0].lineno - 1 if body else statement.end_lineno or statement.lineno
    where = {"path": path, "first": first, "last": max(first, last)}

    def change(node: ast.AST, new: str, kind: str) -> Iterator[Mutant]:
        if node.lineno == node.end_lineno:  # type: ignore[attr-defined]
            yield Mutant(line=node.lineno, begin=node.col_offset, end=node.end_col_offset, new=new, kind=kind, **where)  # type: ignore

    def between(a: ast.expr, b: ast.expr, old: str, new: str, kind: str) -> Iterator[Mutant]:
        if a.end_lineno == b.lineno:
            inside = lines[b.lineno - 1].encode()[a.end_col_offset : b.col_offset].decode()
            if found := re.search(re.escape(old), inside):
                begin = (a.end_col_offset or 0) + found.start()
                yield Mutant(line=b.lineno, begin=begin, end=begin + len(old), new=new, kind=kind, **where)

    if isinstance(statement, ast.Break):
        yield from change(statement, "continue", "statement")
    elif isinstance(statement, ast.Continue):
        yield from change(statement, "break", "statement")
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        yield from change(statement, "pass", "statement")
    elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], (ast.Subscript, ast.Attribute)):
        yield from change(statement, "pass", "statement")
    elif isinstance(statement, ast.AugAssign):
        yield from change(statement, "pass", "statement")
        if type(statement.op) in BINARY:
            old, new = (f"{sign}=" for sign in BINARY[type(statement.op)])
            for other in ("=", new):
                yield from between(statement.target, statement.value, old, other, "update")
    stack: list[ast.AST] = [n for n in ast.iter_child_nodes(statement) if not isinstance(n, ast.stmt)]
    while stack:
        node = stack.pop()
        if not isinstance(node, (ast.JoinedStr, ast.Lambda)) and not (isinstance(node, ast.arg)):
            stack += [n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.stmt)]
        if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARE:
            old, *others = COMPARE[type(node.ops[0])]
            for new in others:
                yield from between(node.left, node.comparators[0], old, new, "comparison")
        elif isinstance(node, ast.BinOp) and type(node.op) in BINARY:
            yield from between(node.left, node.right, *BINARY[type(node.op)], "arithmetic")
        elif isinstance(node, ast.BoolOp):
            old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            yield from between(node.values[0], node.values[1], old, new, "boolean")
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)):
            yield from change(node, f"({ast.unparse(node.operand)})", "arithmetic")
        elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
            yield from change(node, repr(not node.value), "boolean")
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            zero = "1" if isinstance(node.value, int) else "1.0"
            yield from change(node, repr(node.value + 1) if node.value else zero, "constant")
        elif isinstance(node, ast.Call):
            name = node.func
            if isinstance(name, ast.Name) and name.id in SWAPPED:
                yield from change(name, SWAPPED[name.id], "call")
            elif isinstance(name, ast.Attribute) and name.attr in SWAPPED:
                yield from change(name, f"{ast.unparse(name.value)}.{SWAPPED[name.attr]}", "call")
        elif isinstance(node, ast.IfExp):
            yield from change(node.test, f"not ({ast.unparse(node.test)})", "comparison")
    if isinstance(statement, (ast.If, ast.While)) and isinstance(statement.test, (ast.Name, ast.Attribute, ast.Call)):
        yield from change(statement.test, f"not ({ast.unparse(statement.test)})", "comparison")
