"""What a command can't do, said in one sentence that tells what to do instead."""


class Problem(Exception):
    """Printed to stderr as it is; the command ends with exit code 1."""
