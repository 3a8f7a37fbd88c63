"""Words with a stage (`support.benches`) that the contract of the channels is spoken in."""

from __future__ import annotations

from dataclasses import replace

from salon.messaging.domain import (
    Button,
    Channel,
    OutboundKind,
    OutboundMessage,
)

CHANNELS = [channel.value for channel in Channel]
META = {Channel.WHATSAPP, Channel.INSTAGRAM}
SPINNING = {Channel.TELEGRAM, Channel.MAX, Channel.VK}  # a tapped button waits for an answer
NUMBERED_FILES = {Channel.TELEGRAM, Channel.WHATSAPP}  # a file is named by an id there, not by its address


def message(stage, text="Здравствуйте!", **more):
    return OutboundMessage(OutboundKind.MESSAGE, stage.chat_id, text, **more)


def send(stage, text="Здравствуйте!", *, media=None, reference="", **more):
    return stage.adapter.send(message(stage, text, **more), stage.credentials, media=media, reference=reference)


def keys(*labels):
    return tuple((Button(label, f"k:{number}"),) for number, label in enumerate(labels))


def verified(stage, request, **credentials):
    return stage.adapter.verify(request.headers, request.body, replace(stage.credentials, **credentials))


def last_said(stage):
    return stage.fake.chat_of(stage.anna).messages[-1].message_id
