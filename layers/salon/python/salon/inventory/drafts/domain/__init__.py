"""Invoice drafts: values and pure calculation."""
