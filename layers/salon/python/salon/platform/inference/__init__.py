"""Models behind one port: versioned artefacts in `shared/models`, in this process or behind HTTP."""
