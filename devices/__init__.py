"""What each device says, in our words. Pure: bytes in, samples out."""
