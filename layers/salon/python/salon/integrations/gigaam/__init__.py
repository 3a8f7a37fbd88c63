"""GigaAM v3, Sber's recogniser of Russian (MIT), in ONNX Runtime on a CPU."""
