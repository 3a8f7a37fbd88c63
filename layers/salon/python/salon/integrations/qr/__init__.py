"""zxing-cpp: reads QR codes."""
