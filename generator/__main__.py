"""`python -m generator VERB` is `copydesk VERB`.

Promises: the same words, the same answers, the same exit codes. Will not do: anything when it is imported.
"""

from generator.cli import main

if __name__ == "__main__":
    main()
