"""`python -m pupitre` is `pupitre`."""

from pupitre.config.cli import main

if __name__ == "__main__":
    main()
