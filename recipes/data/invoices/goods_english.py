"""Goods and services with English names, by trade: default unit, then "name | lowest-highest price | other unit"."""

ENGLISH = {
    "stationery": """pcs
        Cartridge paper A3, 50 sheets | 9-24
        Gel pen 0.5 black | 1-3
        Lever arch file 75 mm, {colour} | 3-7
        Dotted notebook A5 | 6-16
        Staples 26/6, box of 5000 | 2-4
        Whiteboard marker set (8) | 7-15
        Copy paper A4 80 g | 5-9 | ream
        Desk pad {colour} | 12-30
        Window envelopes DL | 8-22 | box
        Label rolls 57 x 32 | 9-19 | roll
        Heavy-duty hole punch | 21-39
        Document tray, stackable | 6-14
        Toner cartridge TK-31 black | 48-112
        Sticky notes 76 x 76, 12 pads | 8-15""",
    "kitchen": """pcs
        Enamel mug, {colour} | 7-16
        Linen apron, {colour} | 24-52
        Oak chopping board {cm} cm | 22-65
        Cast iron skillet {cm} cm | 34-89
        Stoneware bowl, {colour} | 11-28
        Beeswax wraps, set of 3 | 12-19
        Glass carafe 1 l | 15-32
        Paring knife | 14-38
        Tea towel, waffle weave | 6-14
        Salt cellar with lid | 16-27
        Milk jug {ml} ml | 9-21
        Gift wrapping | 0-4
        Cork trivet | 5-11""",
    "garden": """pcs
        Lavender 'Hidcote', 9 cm pot | 3-6
        Hazel plant supports, bundle of 10 | 8-15
        Peat-free compost 50 l | 7-13 | bag
        Bypass secateurs | 18-49
        Dwarf apple tree, bare root | 19-36
        Galvanised watering can 9 l | 24-44
        Wildflower seed mix {ml} g | 4-17
        Terracotta pot {cm} cm | 6-38
        Garden twine, {colour} | 3-7
        Raised bed kit 120 x 80 | 59-139
        Bark mulch, loose | 39-62 | m3
        Cold frame, cedar | 110-190""",
    "bicycles": """pcs
        Inner tube 28" Presta valve | 4-9
        Brake pads, pair | 7-21
        Chain 11-speed, 118 links | 19-44
        Handlebar tape {colour} | 12-29
        Dynamo front light 70 lux | 48-99
        Cassette 11-34 | 39-82
        Gravel tyre 700 x 40C | 32-58
        Frame pump | 18-37
        Bottle cage, alloy | 8-17
        Mudguard set 28" | 27-48
        Saddle, leather | 69-129
        Puncture repair kit | 4-9""",
    "electronics": """pcs
        USB-C cable {m} m | 4-14
        LED driver 24 V / 60 W | 17-36
        Heat-shrink tubing, assorted | 6-12 | set
        Ethernet patch lead Cat 6A {m} m | 3-11
        Temperature probe PT100 | 14-33
        Rocker switch 16 A | 1-4
        DIN rail power supply 5 A | 42-79
        Wireless doorbell | 19-45
        Soldering tip, chisel {mm} mm | 5-13
        Micro-SD card 128 GB | 11-24
        27" monitor, matt | 149-289
        Docking station, 9 ports | 88-179
        Keyboard, low profile, {colour} | 44-119
        M3 standoffs, bag of 100 | 5-9 | bag""",
    "print": """pcs
        Business cards 350 g, 500 | 28-64 | set
        Flyers A6, both sides, 1000 | 39-88 | set
        Poster A2, matt | 6-18
        Spiral-bound manual, 120 pages | 9-21
        Roll-up banner 85 x 200 | 69-139
        Proof and plate setup | 25-60
        Sticker sheet, die-cut | 1-4
        Letterheads 120 g, 250 | 32-57 | set
        Exhibition panel, foam board {cm} cm | 18-46
        Folding and trimming | 15-40""",
    "clothing": """pcs
        Work trousers {colour}, {size} | 38-79
        Merino crew neck, {size} | 54-98
        Polo shirt with logo, {size} | 14-27
        Wool socks, 3 pairs | 11-24
        Rain jacket {colour} | 68-149
        Safety boots S3 size 43 | 72-134
        Canvas belt | 9-22
        Fleece gilet, {size} | 29-56
        Beanie, {colour} | 8-19
        Embroidery, per garment | 3-8
        Hi-vis vest {size} | 4-10""",
    "building": """pcs
        Decking screws 5 x {cm}, box of 200 | 12-26 | box
        Larch board 27 x 145, 4 m | 18-33
        Cement 25 kg | 6-11 | bag
        Masonry bit {mm} mm | 3-12
        Plasterboard 12.5 mm | 8-15 | sheet
        Silicone sealant, {colour} | 5-11
        Joist hanger 47 mm | 2-5
        Hex bolt M{mm} x 40, box of 100 | 9-28 | box
        Roofing felt {m} m | 14-41 | roll
        Insulation board 50 mm | 17-34
        Door handle set, brushed | 19-52
        Sanding discs 125 mm P120 | 6-13 | pack""",
    "lab": """pcs
        Pipette tips 200 ul, rack of 96 | 6-14 | rack
        Nitrile gloves {size}, box of 100 | 8-17 | box
        Borosilicate beaker {ml} ml | 4-12
        Centrifuge tubes 15 ml, 50 pcs | 11-23 | pack
        pH buffer 7.00, {ml} ml | 9-19
        Ethanol 96 %, 5 l | 38-66
        Magnetic stir bar {mm} mm | 2-7
        Petri dishes 90 mm, 20 pcs | 5-11 | pack
        Filter paper Grade 3 | 12-26
        Calibration certificate | 45-95
        Digital thermometer | 29-74""",
    "grocery": """
        Sourdough loaf | 3-6
        Oat milk 1 l | 1-3
        Vine tomatoes | 2-5 | kg
        Free range eggs x12 | 3-6
        Salted butter 250 g | 2-4
        Mature cheddar | 9-16 | kg
        Bananas | 1-2 | kg
        Rigatoni 500 g | 1-3
        Dishwasher tabs x40 | 6-12
        Dark chocolate 70% | 2-4
        Chickpeas 400 g | 1-2
        Smoked salmon 100 g | 4-8
        Paper bag | 0-1
        Sparkling water 6x1.5 l | 2-5""",
    "cafe": """
        Flat white | 3-5
        Filter coffee, large | 2-4
        Almond croissant | 3-5
        Soup of the day | 5-9
        Shakshuka with bread | 9-14
        Elderflower soda | 3-5
        Carrot cake slice | 4-6
        Espresso | 2-4
        Grilled halloumi wrap | 7-12
        House lemonade | 3-5
        Side salad | 3-6
        Oat milk extra | 0-1""",
    "hours": """h
        Requirements workshop | 95-180
        Senior consultant | 90-210
        Data migration | 80-165
        Project management | 75-160
        Code review and handover | 85-150
        On-site training day | 690-1400 | day
        Process analysis, purchasing | 90-175
        Interim reporting | 60-120
        Security assessment | 110-220
        Travel, flat rate | 45-180 | trip
        Interpreting, court hearing | 70-125
        Bookkeeping, monthly | 40-75""",
    "design": """
        Logo redraw | 180-650 | job
        Landing page, responsive | 480-1600 | job
        Icon set (24) | 220-580 | job
        Photo retouching | 35-90 | h
        Brochure layout, 12 pages | 340-900 | job
        Illustration, full page | 150-480
        Copyediting, annual report | 42-85 | h
        Social media templates | 120-390 | set
        Usage licence, one year | 90-350
        Second round of corrections | 60-180 | job
        Menu design | 110-280 | job""",
    "cleaning": """visit
        Office cleaning, 2nd floor | 55-120
        Window cleaning, inside and out | 80-240
        Carpet shampoo, meeting rooms | 90-210
        Gutter clearance | 70-160
        Waste paper collection | 12-28
        Hygiene supplies, monthly pack | 25-60 | pack
        Key holding and alarm response | 18-45 | month
        Lawn mowing | 35-85
        Graffiti removal | 95-260""",
    "workshop": """
        Labour | 58-120 | h
        Oil filter | 8-19 | job
        Engine oil 5W-30 | 9-16 | l
        Front brake discs, pair | 79-160 | job
        Wiper blades, set | 18-36 | job
        Wheel alignment | 60-110 | job
        Cabin filter | 14-32 | job
        Air conditioning service | 85-140 | job
        Timing belt kit | 120-260 | job
        Disposal of old oil | 3-8 | job
        Replacement bulb H7 | 6-14
        Tyre fitting and balancing | 12-25""",
    "software": """seat
        Team plan, monthly | 6-29
        Pro plan, annual | 90-340
        Additional storage 100 GB | 3-12 | pack
        Single sign-on add-on | 2-9
        Priority support | 49-190 | month
        API calls, per 10,000 | 1-5 | unit
        Backup retention 365 days | 8-25 | month
        Sandbox environment | 29-95 | month
        Custom domain | 5-15 | month
        Onboarding session | 120-450 | session""",
    "hotel": """night
        Double room | 89-210
        Single room, courtyard side | 64-140
        Breakfast buffet | 11-24 | -
        Parking, underground | 9-25
        City tax | 2-5
        Minibar: mineral water | 2-5 | -
        Laundry service | 8-30 | -
        Late check-out | 20-45 | job
        Meeting room, half day | 120-290 | -
        Dog, per night | 8-20""",
    "energy": """kWh
        Electricity, day rate | 0.21-0.39
        Electricity, night rate | 0.11-0.24
        Gas consumption | 0.06-0.14
        Standing charge | 9-19 | month
        Meter rental | 3-9 | month
        Gas, heating tariff | 0.05-0.12
        Network levy | 0.02-0.09""",
}
