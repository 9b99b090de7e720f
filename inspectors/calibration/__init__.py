"""What `CalibrationInspector` and `DatasetIdentityInspector` find out about a set of samples."""
