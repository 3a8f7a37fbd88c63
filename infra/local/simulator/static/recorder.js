// Records a voice message with the computer's microphone.

import { span } from "./dom.js";
import { asVoice } from "./ogg.js";

const KINDS = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];

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
    recorder.stop();
    await stopped;
    for (const track of stream.getTracks()) track.stop();
    return keep ? { blob: await asVoice(new Blob(parts, { type: recorder.mimeType })), duration } : null;
  };
}
