"""What the image starts."""

from salon.platform.event_server import serve_function

if __name__ == "__main__":
    serve_function()
