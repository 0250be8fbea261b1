//! What libpq looks at in a certificate and rustls does not: the common name, and certificates of the old kinds that
//! OpenSSL makes by default and takes (version 1, and self-signed ones that may sign others).
//!
//! It only reads these fields; `tls.rs` decides whether a certificate is trusted.

/// Fields of a certificate, in DER as it came.
#[derive(Debug)]
pub struct Certificate<'a> {
    /// What the issuer has signed.
    pub signed: &'a [u8],
    /// With which algorithm, as an `AlgorithmIdentifier` without its outermost header.
    pub algorithm: &'a [u8],
    pub signature: &'a [u8],
    pub issuer: &'a [u8],
    /// Valid from, in seconds since 1970 (UTC).
    pub not_before: u64,
    pub not_after: u64,
    pub subject: &'a [u8],
    /// The algorithm of the subject's key, as `algorithm`.
    pub key_algorithm: &'a [u8],
    pub key: &'a [u8],
    /// It has a subjectAltName extension.
    pub has_alternative_names: bool,
}

const INTEGER: u8 = 0x02;
const BITS: u8 = 0x03;
const OBJECT: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;

/// `id-ce-subjectAltName`, 2.5.29.17.
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];
/// `id-at-commonName`, 2.5.4.3.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];

/// The bytes that are still to be read.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The next element: its tag, its contents, and both with the header.
    fn next(&mut self) -> Option<(u8, &'a [u8], &'a [u8])> {
        let all = self.0;
        let (tag, rest) = all.split_first()?;
        let (first, mut rest) = rest.split_first()?;
        let mut length = usize::from(*first);
        if *first >= 0x80 {
            // More than two bytes of length would be a certificate of over 64 KiB; TLS would not carry it here.
            let count = usize::from(first & 0x7f);
            let (bytes, after) = rest.split_at_checked(count).filter(|_| (1..=2).contains(&count))?;
            length = bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            rest = after;
        }
        let (contents, after) = rest.split_at_checked(length)?;
        self.0 = after;
        Some((*tag, contents, all.get(..all.len() - after.len())?))
    }

    /// The contents of the next element, which must be of this kind.
    fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, ..)| *found == tag).map(|(_, contents, _)| contents)
    }

    /// The next element where it is of this kind; else nothing is taken.
    fn optional(&mut self, tag: u8) -> Option<&'a [u8]> {
        (self.0.first() == Some(&tag)).then(|| self.expect(tag)).flatten()
    }

    fn bits(&mut self) -> Option<&'a [u8]> {
        // The first byte is the number of unused bits: none in keys and signatures.
        self.expect(BITS)?.split_first().filter(|(unused, _)| **unused == 0).map(|(_, bits)| bits)
    }
}

impl<'a> Certificate<'a> {
    /// Reads one; `None` where it is none.
    pub fn read(der: &'a [u8]) -> Option<Certificate<'a>> {
        let mut outer = Reader(Reader(der).expect(SEQUENCE)?);
        let (tag, contents, signed) = outer.next()?;
        let mut inner = Reader((tag == SEQUENCE).then_some(contents)?);
        let _version = inner.optional(VERSION);
        let _serial = inner.expect(INTEGER)?;
        let _algorithm = inner.expect(SEQUENCE)?;
        let issuer = inner.expect(SEQUENCE)?;
        let mut validity = Reader(inner.expect(SEQUENCE)?);
        let (not_before, not_after) = (time(&mut validity)?, time(&mut validity)?);
        let subject = inner.expect(SEQUENCE)?;
        let mut key = Reader(inner.expect(SEQUENCE)?);
        Some(Certificate {
            signed,
            algorithm: outer.expect(SEQUENCE)?,
            signature: outer.bits()?,
            issuer,
            not_before,
            not_after,
            subject,
            key_algorithm: key.expect(SEQUENCE)?,
            key: key.bits()?,
            has_alternative_names: names_hosts(inner),
        })
    }

    pub fn common_name(&self) -> Option<&'a str> {
        let mut names = Reader(self.subject);
        while let Some(set) = names.expect(SET) {
            let mut attribute = Reader(Reader(set).expect(SEQUENCE)?);
            if attribute.expect(OBJECT)? == COMMON_NAME {
                let (_, text, _) = attribute.next()?;
                return std::str::from_utf8(text).ok();
            }
        }
        None
    }

    /// True where the common name is this host: the same, or `*` for its first label alone.
    pub fn is_named(&self, host: &str) -> bool {
        let Some(name) = self.common_name() else { return false };
        let wild = |rest: &str| host.split_once('.').is_some_and(|(_, domain)| domain.eq_ignore_ascii_case(rest));
        name.eq_ignore_ascii_case(host) || name.strip_prefix("*.").is_some_and(wild)
    }
}

fn names_hosts(mut rest: Reader<'_>) -> bool {
    while let Some((tag, contents, _)) = rest.next() {
        if tag == EXTENSIONS {
            let mut extensions = Reader(Reader(contents).expect(SEQUENCE).unwrap_or_default());
            while let Some(extension) = extensions.expect(SEQUENCE) {
                if Reader(extension).expect(OBJECT) == Some(ALTERNATIVE_NAMES) {
                    return true;
                }
            }
        }
    }
    false
}

/// Seconds since 1970 of `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`; what lies before 1970 is 1970.
fn time(reader: &mut Reader<'_>) -> Option<u64> {
    let (tag, text, _) = reader.next()?;
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let year: i64 = year.parse().ok()?;
            // RFC 5280: two digits are of 1950 to 2049.
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let two = |at: usize| rest.get(at..at + 2)?.parse::<i64>().ok();
    let (month, day, hour, minute, second) = (two(0)?, two(2)?, two(4)?, two(6)?, two(8)?);
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(u64::try_from(seconds).unwrap_or(0))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar. Years begin in March, so that the leap day comes last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_are_counted_as_calendars_count_them() {
        let table = [
            (UTC_TIME, "700101000000Z", 0),
            (UTC_TIME, "000229120000Z", 951_825_600),
            (UTC_TIME, "491231235959Z", 2_524_607_999),
            (UTC_TIME, "500101000000Z", 0),
            (TIME, "20500101000000Z", 2_524_608_000),
            (TIME, "99991231235959Z", 253_402_300_799),
        ];
        for (tag, text, seconds) in table {
            let element = [&[tag, text.len() as u8], text.as_bytes()].concat();
            assert_eq!(time(&mut Reader(&element)), Some(seconds), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_certificate_is_too_strange_to_be_refused(der in proptest::collection::vec(any::<u8>(), 0..300)) {
            Certificate::read(&der);
        }
    }
}
