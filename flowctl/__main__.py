"""`python -m flowctl`: the same as the command `flowctl`."""

from flowctl.cli.main import main

if __name__ == "__main__":
    main(prog_name="flowctl")
