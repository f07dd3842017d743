"""What the emulator lets pass and AWS, or this house, does not: functions from a document to its problems."""
