"""Check, describe, build and rehearse a release.

``python -m tools.release check v0.6.0`` checks that the tag, convlib.__version__, CHANGELOG.md and
CITATION.cff agree. ``notes v0.6.0`` prints the section of the changelog. ``build dist`` builds the
source distribution and the wheel into the folder dist. ``rehearse`` does on this machine what the
public workflow does, except for publishing.
"""

import argparse
import sys

from tools.release import changelog, files, rehearsal


def main(arguments):
    """Run one command; return what the process exits with."""
    parser = argparse.ArgumentParser(prog="python -m tools.release", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("check", "notes"):
        commands.add_parser(name).add_argument("tag", help="v and the version, such as v0.6.0")
    commands.add_parser("build").add_argument("folder", help="an empty folder, or a new one")
    commands.add_parser("rehearse")
    given = parser.parse_args(arguments)
    try:
        if given.command == "check":
            changelog.check(given.tag)
            print(f"{given.tag} can be released")
        elif given.command == "notes":
            print(changelog.notes(given.tag))
        elif given.command == "build":
            print(*(path.name for path in files.build(given.folder)), sep="\n")
        else:
            return rehearsal.main()
    except (changelog.NotReadyError, FileExistsError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
