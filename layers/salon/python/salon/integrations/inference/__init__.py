"""Models that another function of ours serves: http_inference, over HTTP."""
