/** How loud a track is, for a meter. */

const EVERY = 80;
const QUIET_DB = 60;

/** Tells the level, 0 to 1 on a logarithmic scale, until the returned function is called. */
export function listenToLevel(track: MediaStreamTrack, heard: (level: number) => void): () => void {
  const context = new AudioContext();
  const meter = new AnalyserNode(context, { fftSize: 1024 });
  context.createMediaStreamSource(new MediaStream([track])).connect(meter);
  const samples = new Float32Array(meter.fftSize);
  const timer = setInterval(() => {
    meter.getFloatTimeDomainData(samples);
    heard(levelOf(samples));
  }, EVERY);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}

export function levelOf(samples: Float32Array): number {
  const loud = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
  return Math.min(1, Math.max(0, (20 * Math.log10(loud + 1e-6) + QUIET_DB) / QUIET_DB));
}
