// Records a voice message with the computer's microphone.

import { span } from "./dom.js";
import { asVoice } from "./ogg.js";

const KINDS = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];

const WHY_NOT = {
  NotAllowedError: "Браузер не пускает к микрофону: разрешите его для этой страницы",
  NotFoundError: "Микрофона не нашлось",
  NotReadableError: "Микрофон занят другой программой",
};

/** Why nothing can be recorded, in words; browsers give a microphone to secure pages only, and localhost is one. */
export const whyNot = (error) =>
  WHY_NOT[error?.name] ?? (window.isSecureContext ? "Этот браузер не записывает звук" : "Звук записывается только на localhost и по https");

export const canRecord = () => Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);

/** Start recording; `onTime` hears the length as it grows. Gives what finishes it: the sound, or null if dropped. */
export async function record(onTime) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
  const recorder = new MediaRecorder(stream, mimeType ? { mimeType } : {});
  const parts = [];
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const timer = setInterval(() => onTime(span(seconds())), 200);
  recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
  recorder.start();
  const stopped = new Promise((resolve) => recorder.addEventListener("stop", resolve));
  return async (keep) => {
    const duration = Math.max(1, Math.round(seconds()));
    clearInterval(timer);
    if (recorder.state !== "inactive") recorder.stop(); // it stops by itself when the microphone is taken away
    await stopped;
    for (const track of stream.getTracks()) track.stop();
    return keep ? { blob: await asVoice(new Blob(parts, { type: recorder.mimeType })), duration } : null;
  };
}
