"""Numba's compiler, without what our loops do not need (what it brings: "First spikes of CUBA", benchmarks/README.md).

What it finds out about an operator it finds out anew at every use, by asking dozens of implementations in turn, each
with and without the values of constants; here that is remembered.  And it lets LLVM optimise everything three times.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from numba import types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.typed_passes import NopythonTypeInference

__all__ = ["Pipeline"]

_WRAPPERS = ("cfunc.", "_ZN7cpython")  #: names of what Python and C call begin so: few instructions


class _Library(JITCodeLibrary):
    """A library of machine code that LLVM optimises no more than is of use.

    Numba has each function simplified on its own, then the whole cheaply, then the whole in full.  The first is needed,
    or loops with long formulas are no vector code later, but not at its highest level, nor for what wraps a function;
    the second where references are counted, so that increments meet decrements.
    """

    def _optimize_functions(self, module: Any) -> None:
        module.data_layout = self._codegen._data_layout
        for function in module.functions:
            if not function.is_declaration and not function.name.startswith(_WRAPPERS):
                passes, builder = self._codegen._function_pass_manager(opt=1)
                passes.run(function, builder)

    def _optimize_final_module(self) -> None:
        if any(function.name == "NRT_decref" for function in self._final_module.functions):
            return super()._optimize_final_module()
        passes, builder = self._codegen._module_pass_manager()
        passes.run(self._final_module, builder)


#: The signature of each builtin function for each kinds of arguments; a function of these alone.
_signatures: dict[tuple[Any, ...], Any] = {}


@contextlib.contextmanager
def _remembering(context: Any) -> Iterator[None]:
    """Let a context of types look up what it has found out of a builtin function before."""
    resolve = context.resolve_function_type

    def resolved(function: Any, args: Any, kws: Any) -> Any:
        if type(function) is not types.Function or kws:
            return resolve(function, args, kws)
        key = function, tuple(args)
        found = _signatures.get(key)
        if found is None:
            found = resolve(function, args, kws)
            if found is not None:
                _signatures[key] = found
        return found

    before = vars(context).get("resolve_function_type")
    context.resolve_function_type = resolved
    try:
        yield
    finally:
        if before is None:
            del context.resolve_function_type
        else:
            context.resolve_function_type = before


@register_pass(mutates_CFG=True, analysis_only=False)
class _TypeInference(NopythonTypeInference):
    """Numba's inference of types, which remembers."""

    _name = "spikesim_type_inference"

    def run_pass(self, state: Any) -> bool:
        with _remembering(state.typingctx):
            return bool(super().run_pass(state))


class Pipeline(Compiler):
    """The compiler of our loops."""

    def define_pipelines(self) -> list[Any]:
        """Return the passes that a function goes through."""
        (usual,) = super().define_pipelines()
        passes = PassManager("spikesim")
        for one, what in usual.passes:
            passes.add_pass(_TypeInference if one is NopythonTypeInference else one, what)
        passes.finalize()
        codegen = self.state.targetctx.codegen()
        known = hasattr(codegen, "_pass_builder")  # older ones of Numba go about it otherwise
        if self.state.library is None and known:
            self.state.library = _Library(codegen, self.state.func_id.func_qualname)
            self.state.library.enable_object_caching()
        return [passes]
