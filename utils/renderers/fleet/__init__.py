"""A fleet as table, page, JSON, JUnit and SARIF."""
