"""What WhatsApp and Instagram have in common: Meta signs, batches, answers and fails alike (facts §4, §5)."""
