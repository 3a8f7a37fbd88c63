"""What is said, and where a conversation stands. Pure: no provider's words, no clock, no I/O."""

from __future__ import annotations

from salon.messaging.domain.messages import (
    Attachment,
    AttachmentKind,
    Button,
    Channel,
    ChannelCredentials,
    DeliveryStatus,
    EventKind,
    FailureClass,
    InboundEvent,
    MediaContent,
    OutboundFile,
    OutboundKind,
    OutboundMessage,
    Purpose,
    StatusReport,
    TemplateUse,
    WireEvent,
    chat_of,
    conversation_key,
)

__all__ = [
    "Attachment",
    "AttachmentKind",
    "Button",
    "Channel",
    "ChannelCredentials",
    "DeliveryStatus",
    "EventKind",
    "FailureClass",
    "InboundEvent",
    "MediaContent",
    "OutboundFile",
    "OutboundKind",
    "OutboundMessage",
    "Purpose",
    "StatusReport",
    "TemplateUse",
    "WireEvent",
    "chat_of",
    "conversation_key",
]
