//! A reader for the PDF files of this crate: just enough, written apart from the writer.

use hufu_labels::write::QR_MODULES;
use miniz_oxide::inflate::decompress_to_vec_zlib;
use std::collections::HashMap;

/// A file taken apart by its table of offsets.
pub(crate) struct File {
    objects: HashMap<usize, Vec<u8>>,
}

impl File {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let start: usize = between(&text, "startxref\n", "\n").parse().unwrap();
        let table = std::str::from_utf8(&bytes[start..]).unwrap();
        assert!(table.starts_with("xref\n0 "));
        let mut objects = HashMap::new();
        for (number, line) in table.lines().skip(2).take_while(|line| !line.starts_with("trailer")).enumerate() {
            assert_eq!(line.len(), 18, "an entry is 20 bytes with its line end");
            if line.ends_with('n') {
                let at: usize = line[..10].parse().unwrap();
                assert!(bytes[at..].starts_with(format!("{number} 0 obj").as_bytes()), "object {number} at {at}");
                let end = find(&bytes[at..], b"\nendobj").unwrap();
                objects.insert(number, bytes[at..at + end].to_vec());
            }
        }
        Self { objects }
    }

    pub(crate) fn text(&self, number: usize) -> String {
        String::from_utf8_lossy(&self.objects[&number]).into_owned()
    }

    pub(crate) fn stream(&self, number: usize) -> Vec<u8> {
        let object = &self.objects[&number];
        let start = find(object, b"stream\n").unwrap() + 7;
        let length: usize = digits_after(&self.text(number), "/Length ");
        decompress_to_vec_zlib(&object[start..start + length]).unwrap()
    }

    /// The contents of the pages, in order.
    pub(crate) fn pages(&self) -> Vec<Vec<u8>> {
        let tree = self.text(2);
        let kids: Vec<usize> = references(between(&tree, "/Kids[", "]").as_str());
        assert_eq!(kids.len(), digits_after(&tree, "/Count "));
        kids.iter().map(|&page| self.stream(digits_after(&self.text(page), "/Contents "))).collect()
    }

    /// For each font in the resources: its characters by number, and the advance of each.
    pub(crate) fn fonts(&self) -> HashMap<String, (HashMap<u16, char>, usize)> {
        let resources = between(&self.text(2), "/Font<<", ">>");
        let names = resources.split('/').skip(1).map(|entry| entry.split_once(' ').unwrap());
        names
            .map(|(name, rest)| (name.to_owned(), self.font(rest.split(' ').next().unwrap().parse().unwrap())))
            .collect()
    }

    fn font(&self, number: usize) -> (HashMap<u16, char>, usize) {
        let font = self.text(number);
        let map = String::from_utf8(self.stream(digits_after(&font, "/ToUnicode "))).unwrap();
        let unit = |hex: &str| u16::from_str_radix(hex, 16).unwrap();
        let mut characters = HashMap::new();
        for line in map.lines().filter(|line| line.starts_with('<') && line.matches('<').count() == 2) {
            let (number, units) = line.trim_matches(['<', '>']).split_once("> <").unwrap();
            if number == "0000" && units.eq_ignore_ascii_case("ffff") {
                continue;
            }
            let units: Vec<u16> = (0..units.len() / 4).map(|at| unit(&units[at * 4..at * 4 + 4])).collect();
            characters.insert(unit(number), String::from_utf16(&units).unwrap().chars().next().unwrap());
        }
        let descendant = references(&between(&font, "/DescendantFonts[", "]"))[0];
        let descriptor = digits_after(&self.text(descendant), "/FontDescriptor ");
        let file = self.stream(digits_after(&self.text(descriptor), "/FontFile2 "));
        (characters, file.len())
    }
}

/// A label as the page's operators draw it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Drawn {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) texts: Vec<String>,
    pub(crate) symbol: Vec<u8>,
}

/// Follows the operators of a page.
pub(crate) fn drawn(content: &[u8], fonts: &HashMap<String, (HashMap<u16, char>, usize)>) -> Vec<Drawn> {
    let mut labels: Vec<Drawn> = Vec::new();
    let (mut at, mut x, mut y) = (0, 0.0, 0.0);
    let mut operands: Vec<Token> = Vec::new();
    let mut font = String::new();
    while let Some((token, next)) = token(content, at) {
        at = next;
        let number = |from_end: usize| operands[operands.len() - from_end].number();
        match &token {
            Token::Word(word) => {
                match word.as_str() {
                    "cm" if number(6) == 1.0 => (x, y) = (x + number(2), y + number(1)),
                    "Do" => labels.push(Drawn { x, y, ..Drawn::default() }),
                    "ID" => {
                        let (symbol, next) = inline_image(content, at, &operands);
                        labels.last_mut().unwrap().symbol = symbol;
                        at = next;
                    }
                    "Tf" => font = operands[operands.len() - 2].name(),
                    "Tj" => {
                        let characters = &fonts[&font].0;
                        let numbers = operands.last().unwrap().bytes();
                        let text =
                            numbers.chunks(2).map(|pair| characters[&u16::from_be_bytes([pair[0], pair[1]])]).collect();
                        labels.last_mut().unwrap().texts.push(text);
                    }
                    _ => {}
                }
                operands.clear();
            }
            _ => operands.push(token),
        }
    }
    labels
}

fn inline_image(content: &[u8], at: usize, operands: &[Token]) -> (Vec<u8>, usize) {
    let data = &content[at + 1..];
    let hex = operands.iter().any(|token| matches!(token, Token::Name(name) if name == "AHx"));
    let (bytes, length) = if hex {
        let digits = std::str::from_utf8(&data[..QR_MODULES * 6]).unwrap();
        let byte = |at: usize| u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).unwrap();
        ((0..QR_MODULES * 3).map(byte).collect(), QR_MODULES * 6 + 1)
    } else {
        (data[..QR_MODULES * 3].to_vec(), QR_MODULES * 3)
    };
    assert!(data[length..].starts_with(b"\nEI "), "the image ends where its size says");
    (bytes, at + 1 + length + 3)
}

#[derive(Debug, Clone)]
enum Token {
    Number(f32),
    Name(String),
    Bytes(Vec<u8>),
    Word(String),
}

impl Token {
    fn number(&self) -> f32 {
        if let Self::Number(number) = self { *number } else { f32::NAN }
    }

    fn name(&self) -> String {
        if let Self::Name(name) = self { name.clone() } else { String::new() }
    }

    fn bytes(&self) -> &[u8] {
        if let Self::Bytes(bytes) = self { bytes } else { &[] }
    }
}

fn token(content: &[u8], mut at: usize) -> Option<(Token, usize)> {
    while matches!(content.get(at)?, b' ' | b'\n' | b'[' | b']') {
        at += 1;
    }
    if content[at] == b'(' {
        return Some(string(content, at + 1));
    }
    let start = at;
    let ends = |byte: u8| matches!(byte, b' ' | b'\n' | b'(' | b'/' | b'[' | b']');
    at += 1;
    while content.get(at).is_some_and(|&byte| !ends(byte)) {
        at += 1;
    }
    let word = std::str::from_utf8(&content[start..at]).unwrap();
    let token = match (word.strip_prefix('/'), word.parse()) {
        (Some(name), _) => Token::Name(name.to_owned()),
        (None, Ok(number)) => Token::Number(number),
        (None, Err(_)) => Token::Word(word.to_owned()),
    };
    Some((token, at))
}

fn string(content: &[u8], mut at: usize) -> (Token, usize) {
    let mut bytes = Vec::new();
    loop {
        match content[at] {
            b')' => return (Token::Bytes(bytes), at + 1),
            b'\\' => {
                at += 1;
                bytes.push(if content[at] == b'r' { b'\r' } else { content[at] });
            }
            byte => {
                assert!(byte != b'(' && byte != b'\r', "an unescaped byte that readers would change");
                bytes.push(byte);
            }
        }
        at += 1;
    }
}

pub(crate) fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

pub(crate) fn between(text: &str, before: &str, after: &str) -> String {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("{before} in {text}")).1;
    rest.split_once(after).map_or(rest, |(inside, _)| inside).to_owned()
}

fn digits_after(text: &str, before: &str) -> usize {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("{before} in {text}")).1;
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

fn references(list: &str) -> Vec<usize> {
    list.split(" 0 R").filter_map(|part| part.trim().parse().ok()).collect()
}
