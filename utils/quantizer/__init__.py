"""From floats to the integers of the hardware, by the rules of the compiler."""
