"""What the test functions share through a layer."""

WORD = "layered"
