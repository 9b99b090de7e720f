"""What checking model scripts found, in the formats in which a diagnosis is reported."""
