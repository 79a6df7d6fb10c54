"""Goods and services with German names, by trade: default unit, then "name | lowest-highest price | other unit"."""

GERMAN = {
    "stationery": """Stk.
        Aktenordner breit, {farbe} | 3-7
        Kopierpapier A4, 500 Blatt | 5-9 | Pkg.
        Kugelschreiber blau | 1-3
        Schreibtischunterlage, {farbe} | 12-28
        Versandtaschen C4, 100 Stück | 11-24 | Pkg.
        Etikettenrolle 57 x 32 | 9-19 | Rolle
        Tonerkassette TK-31 schwarz | 48-112
        Locher bis 65 Blatt | 21-39
        Haftnotizen, 12 Blöcke | 8-15""",
    "garden": """Stk.
        Lavendel im 9-cm-Topf | 3-6
        Pflanzerde torffrei 50 l | 7-13 | Sack
        Rosenschere | 18-49
        Apfelbaum 'Gravensteiner', wurzelnackt | 19-36
        Gießkanne verzinkt 9 l | 24-44
        Hochbeet Lärche 120 x 80 | 79-159
        Rindenmulch lose | 39-62 | m³
        Pflanzkübel Terrakotta {cm} cm | 12-38""",
    "bicycles": """Stk.
        Fahrradschlauch 28 Zoll | 4-9
        Bremsbeläge, Paar | 7-21
        Kette 11-fach | 19-44
        Scheinwerfer Nabendynamo 70 Lux | 48-99
        Schutzblechsatz 28 Zoll, {farbe} | 27-48
        Sattel Leder | 69-129
        Mantel 700 x 40C | 32-58
        Flickzeug | 4-9""",
    "building": """Stk.
        Terrassenschrauben 5 x {cm}, 200 Stück | 12-26 | Pkg.
        Lärchendiele 27 x 145, 4 m | 18-33
        Zement 25 kg | 6-11 | Sack
        Steinbohrer {mm} mm | 3-12
        Gipskartonplatte 12,5 mm | 8-15
        Silikon, {farbe} | 5-11
        Dämmplatte 50 mm | 17-34
        Türdrückergarnitur Edelstahl | 19-52
        Maurerkelle | 9-22""",
    "grocery": """
        Bauernbrot 1 kg | 4-6
        Hafermilch 1 l | 1-3
        Rispentomaten | 2-5 | kg
        Eier Freiland 10er | 3-5
        Bergkäse | 14-24 | kg
        Äpfel Elstar | 2-4 | kg
        Apfelsaft naturtrüb | 2-4
        Spülmaschinentabs 40er | 6-12
        Papiertüte | 0-1
        Kartoffeln festkochend | 1-3 | kg""",
    "cafe": """
        Milchkaffee | 3-5
        Brötchen | 0.4-1.2
        Butterbrezel | 1-3
        Apfelkuchen | 3-5
        Kännchen Kaffee | 4-6
        Tagessuppe | 5-9
        Käsebrötchen | 3-5
        Traubenschorle 0,4 l | 3-5
        Mohnschnecke | 2-4""",
    "hours": """Std.
        Beratung Prozessanalyse | 90-175
        Projektleitung | 85-160
        Datenmigration | 80-165
        Workshop Anforderungen | 95-180
        Statische Berechnung | 75-140
        Reisepauschale | 45-180 | Fahrt
        Prüfbericht | 120-380 | Stk.
        Schulung vor Ort | 690-1400 | Tag""",
    "craft": """Stk.
        Facharbeiterstunde | 52-79 | Std.
        Meisterstunde | 64-98 | Std.
        Anfahrtspauschale | 25-49 | psch.
        Steckdose unterputz, {farbe} | 6-15
        Mantelleitung NYM-J 3x1,5 | 1-3 | m
        Leitungsschutzschalter B16 | 4-11
        Innenwandfarbe {farbe} 12,5 l | 48-89 | Eimer
        Einhebelmischer Küche | 79-189
        Eckventil 1/2 Zoll | 8-18
        Kleinmaterial pauschal | 9-25 | psch.
        Abdeckfolie | 4-9 | Rolle""",
    "software": """Nutzer
        Teamlizenz monatlich | 6-29
        Speichererweiterung 100 GB | 3-12 | Stk.
        Wartungsvertrag | 49-190 | Monat
        Datensicherung extern | 8-25 | Monat
        Einrichtung und Einweisung | 120-450 | Stk.
        Testumgebung | 29-95 | Monat
        Eigene Domain | 5-15 | Monat""",
}
