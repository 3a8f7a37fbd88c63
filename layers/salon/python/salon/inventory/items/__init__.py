"""Items: what lies on the shelves, in which unit it is counted, and how much of it should be there."""
