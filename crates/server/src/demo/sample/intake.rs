use axum::body::{Body, Bytes};
use http_body_util::BodyExt;

/// How much of a body is kept, in bytes: more than any sensible document, far less than a large upload.
const KEPT: usize = 1 << 20;

/// What is known of a body that was read to its end.
#[derive(Default)]
pub(super) struct Intake {
    /// Its length in bytes.
    pub(super) bytes: u64,
    /// Its CRC-32 (ISO 3309), as zlib's.
    pub(super) crc32: u32,
    /// Its first bytes, at most 1 MiB.
    pub(super) start: Vec<u8>,
}

/// Reads a body of any length in constant memory.
pub(super) async fn read(mut body: Body) -> Result<Intake, axum::Error> {
    let mut intake = Intake::default();
    let mut hasher = crc32fast::Hasher::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            hasher.update(&data);
            intake.take(&data);
        }
    }
    intake.crc32 = hasher.finalize();
    Ok(intake)
}

impl Intake {
    fn take(&mut self, data: &Bytes) {
        let room = KEPT - self.start.len();
        self.start.extend(data.iter().take(room));
        self.bytes += data.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn counts_everything_and_keeps_the_start() {
        let intake = read(Body::from(vec![b'x'; KEPT + 9])).await.unwrap();
        assert_eq!((intake.bytes, intake.start.len()), (KEPT as u64 + 9, KEPT));
    }

    /// The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
    #[tokio::test]
    async fn the_checksum_is_the_common_one() {
        assert_eq!(read(Body::from("123456789")).await.unwrap().crc32, 0xCBF4_3926);
    }
}
