"""What the fakes of WhatsApp and Instagram share: the Graph API's manners, apps and their webhooks, signed batches."""

from salon.integrations.meta.fake.graph import GraphFake, graph_error, refused

__all__ = ["GraphFake", "graph_error", "refused"]
