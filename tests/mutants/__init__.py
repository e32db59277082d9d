"""What the tests of the core, the shell and the handlers would notice: small changes of the code, one at a time."""
