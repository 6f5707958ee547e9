"""`python -m dsprep`."""

from dsprep.cli import main

if __name__ == "__main__":
    main()
