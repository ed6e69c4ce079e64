"""Tools that know nothing of this product: deadlines, processes, files, text, versions, references."""
