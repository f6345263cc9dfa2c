"""Completion of the command line, as scripts for bash, zsh and fish, made from the parser itself."""

from __future__ import annotations

import argparse

__all__ = ["SHELLS", "script"]

SHELLS = ("bash", "zsh", "fish")


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return what a shell must run so that Tab completes commands and options; elsewhere files are completed."""
    commands = _commands(parser)
    return _fish(commands) if shell == "fish" else _bash(commands, zsh=shell == "zsh")


def _commands(parser: argparse.ArgumentParser) -> dict[str, tuple[str, list[argparse.Action]]]:
    """Each command: its line of help, its options."""
    group = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    helps = {choice.dest: choice.help or "" for choice in group._choices_actions}
    return {
        name: (helps.get(name, ""), [a for a in command._actions if a.option_strings])
        for name, command in group.choices.items()
    }


def _bash(commands: dict[str, tuple[str, list[argparse.Action]]], zsh: bool) -> str:
    cases = "\n".join(
        f"        {name}) words='{' '.join(s for option in options for s in option.option_strings)}' ;;"
        for name, (_, options) in commands.items()
    )
    first = "autoload -U +X bashcompinit && bashcompinit\n" if zsh else ""
    return f"""{first}_spikesim() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} words=''
    if [ "$COMP_CWORD" -eq 1 ]; then
        words='{" ".join(commands)} --help --version'
        COMPREPLY=($(compgen -W "$words" -- "$current"))
        return
    fi
    case ${{COMP_WORDS[1]}} in
{cases}
        help) words='{" ".join(commands)}' ;;
    esac
    case $current in
        -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
        *) [ "${{COMP_WORDS[1]}}" = help ] && COMPREPLY=($(compgen -W "$words" -- "$current")) ||
            COMPREPLY=($(compgen -f -- "$current")) ;;
    esac
}}
complete -o filenames -F _spikesim spikesim
"""


def _fish(commands: dict[str, tuple[str, list[argparse.Action]]]) -> str:
    lines = ["complete -c spikesim -n __fish_use_subcommand -f"]
    for name, (text, options) in commands.items():
        lines.append(f"complete -c spikesim -n __fish_use_subcommand -f -a {name} -d {_quoted(text)}")
        for option in options:
            flags = " ".join(f"-l {s[2:]}" if s.startswith("--") else f"-s {s[1:]}" for s in option.option_strings)
            given = " -r" if option.nargs != 0 else ""
            about = _quoted((option.help or "").split(" (")[0].replace("%", ""))
            lines.append(f"complete -c spikesim -n '__fish_seen_subcommand_from {name}' {flags}{given} -d {about}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
