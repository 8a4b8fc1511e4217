//! Deflate with buffers that are used again: a compressor is a third of a megabyte, a roll has a page per label.

use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress, create_comp_flags_from_zip_params,
};

/// Level for pages: on bit rows and glyph numbers higher ones gain next to nothing.
const QUICK: i32 = 6;
/// Level for what is written once.
const THOROUGH: i32 = 9;

pub(super) struct Deflater {
    state: Box<CompressorOxide>,
    out: Vec<u8>,
}

impl Deflater {
    pub(super) fn quick() -> Self {
        Self::new(QUICK)
    }

    pub(super) fn thorough() -> Self {
        Self::new(THOROUGH)
    }

    fn new(level: i32) -> Self {
        let flags = create_comp_flags_from_zip_params(level, 1, 0);
        Self { state: Box::new(CompressorOxide::new(flags)), out: Vec::new() }
    }

    /// The data as a zlib stream.
    pub(super) fn deflate(&mut self, mut data: &[u8]) -> Vec<u8> {
        self.state.reset();
        self.out.resize(self.out.len().max(data.len() / 2 + 256), 0);
        let mut written = 0;
        loop {
            let (status, read, wrote) = compress(&mut self.state, data, &mut self.out[written..], TDEFLFlush::Finish);
            written += wrote;
            data = &data[read..];
            if !matches!(status, TDEFLStatus::Okay) {
                return self.out[..written].to_vec();
            }
            let longer = self.out.len() * 2;
            self.out.resize(longer, 0);
        }
    }
}
