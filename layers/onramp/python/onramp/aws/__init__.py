"""Does. The only room that talks to AWS."""
