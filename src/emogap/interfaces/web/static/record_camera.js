// The camera: opened, looked at by the face detector, recorded in pieces that are sent while it goes on.

const PIECE_MS = 250;
const NOTED_MS = 4000;
const RETRY_MS = 500;
const SILENT_MS = 3000;
const TAIL_MS = 1500;
const LEAST_WAIT_S = 1;
const MOST_WAIT_S = 3;
const WANTED_FRAMES = 25;
const CONTAINERS = ["video/webm;codecs=vp8", "video/webm", "video/mp4"];

// Seconds since 1970 that never jump within a page, whatever happens to the system's clock.
export const now = (at = performance.now()) => (performance.timeOrigin + at) / 1000;

export class Refused extends Error {}

// Sends until it is acknowledged; what the server refuses is not sent again. A body that is a function is asked for
// what to send at every attempt. The page is told when nobody answers, and when somebody does again.
export async function send(path, body, type = "application/json") {
  const since = performance.now();
  let isSilent = false;
  for (;;) {
    let answer;
    try {
      const content = typeof body === "function" ? body() : body;
      answer = await fetch(path, { method: "POST", body: content, headers: { "content-type": type } });
    } catch {
      if (!isSilent && performance.now() - since > SILENT_MS) {
        isSilent = true;
        document.dispatchEvent(new Event("keepersilent"));
      }
      await new Promise((wake) => setTimeout(wake, RETRY_MS));
      continue;
    }
    if (isSilent) document.dispatchEvent(new Event("keeperheard"));
    if (answer.status === 204) return null;
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw said.error ? new Refused(said.error) : new Error(answer.statusText);
    return said;
  }
}

export class Camera {
  // Nothing is opened and nothing sent where the participant did not agree to be filmed.
  constructor(base, preview, isFilmed) {
    this.base = base;
    this.preview = preview;
    this.isFilmed = isFilmed;
    this.noted = [];
    this.numNoted = 0;
    this.pieces = [];
    this.sent = 0;
  }

  async open() {
    this.stream = await navigator.mediaDevices.getUserMedia({
      video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } },
      audio: false,
    });
    this.preview.srcObject = this.stream;
    await this.preview.play();
  }

  // What the detector says of the picture that is seen now.
  async look() {
    const canvas = document.createElement("canvas");
    canvas.width = 320;
    canvas.height = Math.round((320 * this.preview.videoHeight) / this.preview.videoWidth);
    canvas.getContext("2d").drawImage(this.preview, 0, 0, canvas.width, canvas.height);
    const picture = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.8));
    return send("/api/record/face", picture, "image/jpeg");
  }

  async record(failed) {
    if (!this.isFilmed) {
      await send(`${this.base}/segments`, JSON.stringify({ container: "none", started_s: now() }));
      return;
    }
    const type = CONTAINERS.find((each) => MediaRecorder.isTypeSupported(each));
    const recorder = new MediaRecorder(this.stream, { ...(type && { mimeType: type }), videoBitsPerSecond: 2_500_000 });
    this.recorder = recorder;
    recorder.addEventListener("dataavailable", (event) => {
      if (event.data.size) this.pieces.push(event.data);
      this.sending = this.sending.then(() => this.sendAll()).catch(failed);
    });
    recorder.addEventListener("error", (event) => failed(event.error));
    for (const track of this.stream.getVideoTracks()) track.addEventListener("ended", () => failed(new Error("camera")));
    this.noteFrames();
    const started = now();
    recorder.start(PIECE_MS);
    const opened = await send(
      `${this.base}/segments`,
      JSON.stringify({ container: recorder.mimeType.includes("mp4") ? "mp4" : "webm", started_s: started }),
    );
    this.segment = `${this.base}/segments/${opened.segment}`;
    this.opened();
    // Both clocks note the same frames while the preview is still seen; a busy machine shows few of them.
    const soon = now() + (this.numNoted ? MOST_WAIT_S : LEAST_WAIT_S);
    const wanted = this.numNoted + WANTED_FRAMES;
    await new Promise((wake) => setTimeout(wake, 1000 * LEAST_WAIT_S));
    while (this.numNoted < wanted && now() < soon) await new Promise((wake) => setTimeout(wake, 100));
  }

  sending = new Promise((done) => { this.opened = done; });

  noteFrames() {
    if (!this.preview.requestVideoFrameCallback) return;
    const until = performance.now() + NOTED_MS;
    const note = (at, frame) => {
      if (frame.captureTime !== undefined) {
        this.noted.push([now(frame.captureTime), now(frame.presentationTime)]);
        this.numNoted += 1;
      }
      if (at < until) this.preview.requestVideoFrameCallback(note);
    };
    this.preview.requestVideoFrameCallback(note);
  }

  async sendAll() {
    while (this.pieces.length) {
      await send(`${this.segment}/pieces/${this.sent}`, this.pieces[0], "application/octet-stream");
      this.sent += 1;
      this.pieces.shift();
    }
    const noted = this.noted.splice(0);
    if (!noted.length) return;
    const body = { captured_s: noted.map(([at]) => at), presented_s: noted.map(([, at]) => at) };
    await send(`${this.segment}/frames`, JSON.stringify(body));
  }

  // Ends when the last piece is safe.
  async close() {
    if (!this.isFilmed) return;
    if (this.recorder?.state === "recording") {
      // An encoder that lags behind would leave out the end of the last clip.
      await new Promise((wake) => setTimeout(wake, TAIL_MS));
      const stopped = new Promise((done) => this.recorder.addEventListener("stop", done, { once: true }));
      this.recorder.stop();
      await stopped;
      await this.sending;
    }
    for (const track of this.stream.getTracks()) track.stop();
  }
}
