//! Small files for the demo.

/// One page with two lines, as small as a PDF can be.
pub fn specimen(title: &str, name: &str) -> Vec<u8> {
    let escaped = |text: &str| text.replace('\\', "").replace(['(', ')'], " ");
    let text = format!(
        "BT /F1 22 Tf 60 760 Td ({}) Tj /F1 14 Tf 0 -34 Td ({}) Tj 0 -22 Td (Specimen for the demo) Tj ET",
        escaped(title),
        escaped(name)
    );
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut out = "%PDF-1.4\n".to_owned();
    let mut offsets = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        out.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
    }
    let start = out.len();
    let table: String = offsets.iter().map(|offset| format!("{offset:010} 00000 n \n")).collect();
    out.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n{table}", objects.len() + 1));
    out.push_str(&format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1));
    out.into_bytes()
}
