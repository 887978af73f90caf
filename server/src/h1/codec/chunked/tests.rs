use super::*;
use proptest::prelude::*;

/// Decodes `wire` in pieces cut at `cuts`; gives the data and what was left over.
fn decode(wire: &[u8], cuts: &[usize]) -> Result<(Vec<u8>, usize, bool), BodyError> {
    let mut decoder = Chunked::new(1_000, 100);
    let (mut out, mut taken, mut from) = (BytesMut::new(), 0, 0);
    let ends = cuts
        .iter()
        .copied()
        .filter(|cut| *cut < wire.len())
        .chain([wire.len()]);
    for to in ends {
        taken += decoder.decode(&wire[from..to.max(from)], &mut out)?;
        from = to.max(from);
    }
    Ok((out.to_vec(), taken, decoder.is_done()))
}

fn whole(wire: &[u8]) -> Result<(Vec<u8>, usize, bool), BodyError> {
    decode(wire, &[])
}

#[test]
fn chunks_extensions_and_trailers_are_told_from_data() {
    let wire = b"4\r\nWiki\r\n6 ; a=\"b\"\r\npedia.\r\n0;last\r\nA: b\r\nC:\r\n\r\nGET /";
    let (data, taken, done) = whole(wire).unwrap();
    assert_eq!(data, b"Wikipedia.");
    assert_eq!(&wire[taken..], b"GET /");
    assert!(done);
}

#[test]
fn every_line_ends_in_cr_lf_and_sizes_are_hexadecimal() {
    for wire in [
        &b"4\nWiki\r\n0\r\n\r\n"[..],
        b"4\rXWiki",
        b"4\r\nWiki\n0\r\n\r\n",
        b"4\r\nWikiX\r\n",
        b"4\r\nWikiX\n0\r\n\r\n",
        b"3\r\nWiki\r\n",
        b"\r\n",
        b" 4\r\nWiki",
        b"+4\r\nWiki",
        b"0x4\r\nWiki",
        b"-1\r\n",
        b"4 \r\nWiki\r\n0\r\n\r\n",
        b"4 a\r\nWiki",
        b"4;a\nb\r\nWiki",
        b"4;a\0\r\nWiki",
        b"g\r\n",
        b"0\r\n\n",
        b"0\r\nA b\r\n\r\n",
        b"0\r\n : b\r\n\r\n",
        b"0\r\nA: b\n\r\n",
        b"0\r\nA: \x01\r\n\r\n",
        b"0\r\n\rX",
        b"4;;;\r\nWiki\r\n",
        b"4;GET / HTTP/1.1\r\nWiki\r\n",
        b"4,a\r\nWiki\r\n",
    ] {
        let error = whole(wire).expect_err(&String::from_utf8_lossy(wire));
        assert!(error.is_malformed(), "{}", String::from_utf8_lossy(wire));
    }
}

#[test]
fn noughts_before_a_size_are_bounded() {
    let noughts = |count: usize| format!("{}4\r\nWiki\r\n0\r\n\r\n", "0".repeat(count));
    // The first digit of a size is free, and a nought is free if it is the first.
    assert!(whole(noughts(100).as_bytes()).is_ok());
    assert!(whole(noughts(102).as_bytes()).unwrap_err().is_malformed());
}

#[test]
fn too_much_data_is_refused_when_its_size_is_known() {
    let error = whole(b"3E8\r\n").map(|_| ()).err();
    assert!(error.is_none(), "a thousand bytes are allowed");
    assert!(whole(b"3E9\r\n").unwrap_err().is_too_large());
    assert!(whole(b"ffffffffffffffff\r\n").unwrap_err().is_too_large());
    assert!(whole(b"10000000000000000").unwrap_err().is_too_large());
    assert!(whole(b"1\r\nx\r\n3E8\r\n").unwrap_err().is_too_large());
}

#[test]
fn a_limit_counts_the_rest_of_the_chunk_that_has_begun() {
    let mut decoder = Chunked::new(1_000, 100);
    let mut out = BytesMut::new();
    decoder.decode(b"8\r\nab", &mut out).unwrap();
    assert!(decoder.set_limit(5).unwrap_err().is_too_large());
    decoder.set_limit(6).unwrap();
    decoder.decode(b"cdefgh\r\n", &mut out).unwrap();
    assert!(
        decoder
            .decode(b"1\r\n", &mut out)
            .unwrap_err()
            .is_too_large()
    );
}

#[test]
fn extensions_and_trailers_share_one_bound() {
    let extension = |n: usize| format!("1;{}\r\nx\r\n0\r\n\r\n", "e".repeat(n));
    assert!(whole(extension(99).as_bytes()).is_ok());
    assert!(whole(extension(100).as_bytes()).unwrap_err().is_malformed());
    let spread = "1;eeeeeeee\r\nx\r\n".repeat(12);
    assert!(whole(spread.as_bytes()).unwrap_err().is_malformed());
    let trailers = format!("0\r\n{}\r\n", "A: b\r\n".repeat(26));
    assert!(whole(trailers.as_bytes()).unwrap_err().is_malformed());
}

proptest! {
    #[test]
    fn a_body_survives_any_cut_into_chunks_and_any_cut_into_reads(
        chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..12),
        mut cuts in prop::collection::vec(0usize..700, 0..12),
        extra in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let mut wire = Vec::new();
        for chunk in &chunks {
            wire.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            wire.extend_from_slice(chunk);
            wire.extend_from_slice(b"\r\n");
        }
        wire.extend_from_slice(b"0\r\n\r\n");
        let end = wire.len();
        wire.extend_from_slice(&extra);
        cuts.sort_unstable();

        let (data, taken, done) = decode(&wire, &cuts).unwrap();
        prop_assert_eq!(data, chunks.concat());
        prop_assert_eq!(taken, end);
        prop_assert!(done);
    }

    #[test]
    fn no_input_makes_the_decoder_panic_or_take_more_than_it_was_given(
        wire in prop::collection::vec(
            prop::sample::select(&b"0123fF;\r\n \tA:x\0\xff"[..]), 0..200),
        cut in 0usize..200,
    ) {
        if let Ok((data, taken, _)) = decode(&wire, &[cut]) {
            prop_assert!(data.len() <= taken && taken <= wire.len());
        }
    }
}
