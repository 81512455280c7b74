/** One WebRTC connection with the PBX, small enough to be played by a test. */

export interface Candidate {
  candidate: string;
  sdp_mid: string | null;
  sdp_m_line_index: number | null;
}

/** What was received in all, for the quality in words. */
export interface Sample {
  received: number;
  lost: number;
  /** Seconds. */
  jitter: number;
  /** Seconds, null where nobody reported. */
  roundTrip: number | null;
  /** Frames that were decoded. */
  pictures: number;
  /** Grows with whatever comes: packets, reports, answers of the path itself. */
  alive: number;
}

export type Path = "connecting" | "connected" | "lost" | "failed";

export interface Peer {
  onCandidate: (candidate: Candidate) => void;
  onPath: (path: Path) => void;
  onStream: (stream: MediaStream) => void;
  offer(): Promise<string>;
  accept(answer: string): Promise<void>;
  /** The microphone, or null for none; nothing is negotiated anew. */
  send(track: MediaStreamTrack | null): Promise<void>;
  /** The camera, or null for none. */
  film(track: MediaStreamTrack | null): Promise<void>;
  sample(): Promise<Sample>;
  close(): void;
}

/** Of a camera's picture, a second: what every home's upload takes. */
const MOST_BITS = 1_000_000;

const PATHS: Partial<Record<RTCPeerConnectionState, Path>> = {
  connecting: "connecting",
  connected: "connected",
  disconnected: "lost",
  failed: "failed",
};

/** Counters of a connection that grow as long as anything comes from the other end; not every browser has all. */
const SIGNS: Partial<Record<string, readonly string[]>> = {
  "candidate-pair": ["bytesReceived", "responsesReceived", "requestsReceived"],
  "inbound-rtp": ["packetsReceived"],
  "remote-outbound-rtp": ["reportsSent"],
  transport: ["packetsReceived"],
};

export class BrowserPeer implements Peer {
  onCandidate: (candidate: Candidate) => void = () => undefined;
  onPath: (path: Path) => void = () => undefined;
  onStream: (stream: MediaStream) => void = () => undefined;
  private readonly connection: RTCPeerConnection;
  private readonly audio: RTCRtpTransceiver;
  private readonly video: RTCRtpTransceiver | null = null;

  /** `talks` and `films` offer a microphone and a camera for later; what only listens or looks cannot send by mistake. */
  constructor(iceServers: RTCIceServer[], { looks = false, talks = true, films = false } = {}) {
    this.connection = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.audio = this.connection.addTransceiver("audio", { direction: talks ? "sendrecv" : "recvonly" });
    if (looks) this.video = this.connection.addTransceiver("video", { direction: films ? "sendrecv" : "recvonly" });
    const stream = new MediaStream();
    this.connection.ontrack = ({ track }) => {
      stream.addTrack(track);
      this.onStream(stream);
    };
    this.connection.onicecandidate = ({ candidate }) => {
      if (!candidate?.candidate) return;
      const { sdpMid, sdpMLineIndex } = candidate;
      this.onCandidate({ candidate: candidate.candidate, sdp_mid: sdpMid, sdp_m_line_index: sdpMLineIndex });
    };
    this.connection.onconnectionstatechange = () => {
      const path = PATHS[this.connection.connectionState];
      if (path) this.onPath(path);
    };
  }

  async offer(): Promise<string> {
    await this.connection.setLocalDescription();
    return this.connection.localDescription?.sdp ?? "";
  }

  async accept(answer: string): Promise<void> {
    await this.connection.setRemoteDescription({ type: "answer", sdp: answer });
  }

  async send(track: MediaStreamTrack | null): Promise<void> {
    await this.audio.sender.replaceTrack(track);
  }

  async film(track: MediaStreamTrack | null): Promise<void> {
    if (!this.video) return;
    await this.video.sender.replaceTrack(track);
    const set = this.video.sender.getParameters();
    if (!track || !set.encodings.length) return;
    for (const encoding of set.encodings) encoding.maxBitrate = MOST_BITS;
    await this.video.sender.setParameters(set).catch(() => undefined);
  }

  async sample(): Promise<Sample> {
    const sample: Sample = { received: 0, lost: 0, jitter: 0, roundTrip: null, pictures: 0, alive: 0 };
    for (const report of (await this.connection.getStats()).values() as Iterable<Record<string, unknown>>) {
      for (const count of SIGNS[String(report.type)] ?? []) sample.alive += Number(report[count] ?? 0);
      if (report.type === "inbound-rtp" && report.kind === "audio") {
        sample.received = Number(report.packetsReceived ?? 0);
        sample.lost = Math.max(0, Number(report.packetsLost ?? 0));
        sample.jitter = Number(report.jitter ?? 0);
      }
      if (report.type === "inbound-rtp" && report.kind === "video") sample.pictures = Number(report.framesDecoded ?? 0);
      if (report.type === "candidate-pair" && report.nominated && typeof report.currentRoundTripTime === "number")
        sample.roundTrip = report.currentRoundTripTime;
    }
    return sample;
  }

  close(): void {
    this.onCandidate = this.onPath = this.onStream = () => undefined;
    this.connection.close();
  }
}
