"""What the command is made of: archives, emulation, findings and how they are shown."""
