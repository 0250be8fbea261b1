//! Changes a document's text, value by value, and nothing else.
