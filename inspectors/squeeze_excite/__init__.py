"""Parts of the judgement on global average pools."""
