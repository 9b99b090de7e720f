"""Where samples lie, other than in one npy or npz file: pictures, folders, records, raw values."""
