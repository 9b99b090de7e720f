"""Reports as text: each module takes data and returns text; none reads or writes files."""
