"""Facts that the checks rest on, as tables, each with its source.

A module holds one table and knows nothing of archives or findings, so that a number can be
looked up, doubted and corrected in one place.
"""
