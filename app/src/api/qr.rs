//! Drawing QR codes, on the server.

use qrcode::{Color, QrCode, types::QrError};

use super::second_factor::QrView;

/// Light squares around a code, without which readers do not find it.
const MARGIN: usize = 4;

/// The dark squares of a code as one path: a rectangle for each run in a row.
pub fn draw(text: &str) -> Result<QrView, QrError> {
    let code = QrCode::new(text)?;
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = row[x..].iter().take_while(|color| **color == Color::Dark).count();
            if run > 0 {
                path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + MARGIN, y + MARGIN));
            }
            x += run.max(1);
        }
    }
    Ok(QrView { size: u32::try_from(width + 2 * MARGIN).unwrap_or(u32::MAX), path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_square_is_in_the_path() {
        let text = "otpauth://totp/Message%20Center:ann@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
        let QrView { size, path } = draw(text).unwrap();
        let code = QrCode::new(text).unwrap();
        assert_eq!(size as usize, code.width() + 8);
        let dark = code.to_colors().iter().filter(|color| **color == Color::Dark).count();
        let drawn: usize = path
            .split('h')
            .skip(1)
            .filter_map(|piece| piece.split('v').next().filter(|run| !run.starts_with('-')))
            .filter_map(|run| run.parse::<usize>().ok())
            .sum();
        assert_eq!(drawn, dark);
        assert!(path.starts_with("M4 4h7v1h-7z"), "the finder pattern in the corner");
    }
}
