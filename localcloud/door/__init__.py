"""What befalls every call, from the message that comes in to those who hear of it."""
