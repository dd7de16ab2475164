// Every frame of a video that is really shown, with its time on the clock of the video.

// Firefox before 132 has no news of frames: then it is where the video is, as often as the page is painted.
export function eachFrame(video, act) {
  if (video.requestVideoFrameCallback) {
    const pass = (_, frame) => {
      act(frame.mediaTime);
      video.requestVideoFrameCallback(pass);
    };
    video.requestVideoFrameCallback(pass);
    return;
  }
  let before;
  const pass = () => {
    if (video.readyState >= 2 && !video.seeking && video.currentTime !== before) act(before = video.currentTime);
    requestAnimationFrame(pass);
  };
  requestAnimationFrame(pass);
}
